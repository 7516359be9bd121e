import { domainOf, type Recipe, type RecipePlace, typeBefore } from "./recipe.ts";

const sentence =
  "Every envelope recipient is captured in the journal report: Bcc, expanded distribution lists and forwards included.";

/** Exchange Server 2016 and later, in its own shell. */
export function exchangeServerRecipe(place: RecipePlace): Recipe {
  const { journalEmailAddress, host, port, requireTls } = place;
  return {
    id: "exchange-server",
    title: "Exchange Server",
    fidelity: "A",
    sentence,
    before: typeBefore(place, "eej"),
    steps: [
      {
        text: "In the Exchange Management Shell, make a contact for the journal address.",
        code: `New-MailContact -Name "Journal archive" -ExternalEmailAddress ${journalEmailAddress}`,
      },
      {
        text: "Send the journal's domain straight here.",
        code:
          `New-SendConnector -Name "Journal" -Usage Custom -AddressSpaces "SMTP:${domainOf(place)};1" ` +
          `-SmartHosts ${smartHost(host)} -Port ${port} -DNSRoutingEnabled $false${requireTls ? " -RequireTLS $true" : ""}`,
      },
      {
        text: "Keep formats of Outlook out of the reports, and journal everything.",
        code: [
          `New-RemoteDomain -Name "Journal" -DomainName ${domainOf(place)}`,
          'Set-RemoteDomain -Identity "Journal" -TNEFEnabled $false -AutoReplyEnabled $false',
          `New-JournalRule -Name "Archive" -JournalEmailAddress ${journalEmailAddress} -Scope Global -Enabled $true`,
        ].join("\n"),
      },
      {
        text: "Name a mailbox, outside of what is journaled, for reports that cannot be delivered.",
        code: 'Set-TransportConfig -JournalingReportNdrTo "journal-ndr@YOUR-DOMAIN"',
      },
    ],
    warnings: [
      "A journal rule needs an Enterprise licence; journaling of one mailbox database (Set-MailboxDatabase -JournalRecipient) misses the others.",
      "In a hybrid organisation the mailboxes in Microsoft 365 need a journal rule of their own.",
      ...(place.hasLogin
        ? [
            "With a login, add -SmartHostAuthMechanism BasicAuthRequireTLS -AuthenticationCredential (Get-Credential) to the send connector.",
          ]
        : []),
    ],
  };
}

/** Microsoft 365 and Office 365, in Exchange Online PowerShell. */
export function microsoft365Recipe(place: RecipePlace): Recipe {
  const { journalEmailAddress, connector, host, port, hasLogin } = place;
  return {
    id: "microsoft-365",
    title: "Microsoft 365",
    fidelity: "A",
    sentence,
    before: [
      ...typeBefore(place, "eej"),
      ...(hasLogin ? [`Microsoft 365 cannot log in: muniment connectors login ${connector} --remove`] : []),
    ],
    steps: [
      {
        text: "Here: permit the addresses of Microsoft 365.",
        code: `muniment connectors edit ${connector} --permit-provider microsoft-365`,
      },
      {
        text: "In Exchange Online PowerShell, name a mailbox outside of Exchange Online for reports that cannot be delivered. Do this first.",
        code: "Set-TransportConfig -JournalingReportNdrTo journal-ndr@ELSEWHERE",
      },
      {
        text: "Send the journal's domain straight here.",
        code:
          `New-OutboundConnector -Name "Journal" -ConnectorType Partner -RecipientDomains ${domainOf(place)} ` +
          `-SmartHosts ${smartHost(host)} -UseMXRecord $false -TlsSettings DomainValidation -TlsDomain ${host}`,
      },
      {
        text: "Keep formats of Outlook out of the reports, and journal everything.",
        code: [
          `New-RemoteDomain -Name "Journal" -DomainName ${domainOf(place)}`,
          'Set-RemoteDomain -Identity "Journal" -TNEFEnabled $false -AutoReplyEnabled $false',
          `New-JournalRule -Name "Archive" -JournalEmailAddress ${journalEmailAddress} -Scope Global -Enabled $true`,
        ].join("\n"),
      },
    ],
    warnings: [
      ...(port === 25
        ? []
        : [`Microsoft 365 delivers to port 25 only; this server listens on ${port}. Pass port 25 on to it.`]),
      "-TlsSettings DomainValidation asks for a certificate from a public authority for the name above.",
      "Journal reports are not delivered to a mailbox of Exchange Online, and skip mail-flow rules.",
    ],
  };
}

/** An address in brackets, as Exchange writes it; a name as it is. */
function smartHost(host: string): string {
  return /^[0-9.]+$/.test(host) ? `[${host}]` : host;
}
