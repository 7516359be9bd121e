import { domainOf, type Recipe, type RecipePlace, typeBefore } from "./recipe.ts";

/** Gmail of Google Workspace, in its Admin console. */
export function googleWorkspaceRecipe(place: RecipePlace): Recipe {
  const { journalEmailAddress, connector, host, port } = place;
  const lacksHeader = !place.envelopeHeaders.some((name) => name.toLowerCase() === "delivered-to");
  return {
    id: "google-workspace",
    title: "Google Workspace",
    fidelity: "B",
    sentence:
      "Incoming mail comes once for each recipient and names that recipient; of outgoing mail the Bcc recipients and the members of groups are not captured here.",
    before: [
      ...typeBefore(place, "standard"),
      ...(lacksHeader
        ? [`Let this connector read Delivered-To: muniment connectors edit ${connector} --envelope-header Delivered-To`]
        : []),
    ],
    steps: [
      {
        text: "Here: permit the addresses of Google Workspace.",
        code: `muniment connectors edit ${connector} --permit-provider google-workspace`,
      },
      {
        text: "In the Admin console, Apps > Google Workspace > Gmail > Hosts, add a route to a single host, with a secure transport and a certificate signed by an authority.",
        code: `${host}  port ${port}`,
      },
      {
        text: "Apps > Google Workspace > Gmail > Routing > Third-party email archiving: turn it on and name the journal address. Editions without it have “Also deliver to” instead, which loses Bcc recipients.",
        code: journalEmailAddress,
      },
      {
        text: `Apps > Google Workspace > Gmail > Routing: send what is for ${domainOf(place)} by that route.`,
        code: null,
      },
    ],
    warnings: [
      "A change takes up to 24 hours to be in force.",
      "While we cannot take mail Google keeps it for 8 days.",
    ],
  };
}

/** Any system that can only send a copy. */
export function plainCopyRecipe(place: RecipePlace): Recipe {
  const { journalEmailAddress, host, port, envelopeHeaders } = place;
  return {
    id: "copy",
    title: "Another mail server that sends copies",
    fidelity: envelopeHeaders.length > 0 ? "B" : "C",
    sentence:
      envelopeHeaders.length > 0
        ? `Recipients are captured as far as ${envelopeHeaders.join(", ")} names them.`
        : "Only recipients in the header are captured: Bcc recipients are not captured here.",
    before: typeBefore(place, "standard"),
    steps: [
      { text: "Send a copy of every mail to the journal address.", code: journalEmailAddress },
      { text: "Deliver that address to this server, not by MX.", code: `${host} port ${port}` },
    ],
    warnings: [
      "A header field that names envelope recipients shows Bcc recipients to everyone, unless it is taken out of what the recipients get.",
      "Give a 4xx reply time: keep undelivered mail for days, and let nothing bounce to its sender.",
    ],
  };
}
