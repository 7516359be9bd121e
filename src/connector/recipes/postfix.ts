import { domainOf, type Recipe, type RecipePlace, typeBefore } from "./recipe.ts";

/**
 * Sub-addressed `recipient_bcc_maps`: the copy's own recipient address names the recipient it was made for, so the envelope
 * arrives and no header shows anyone a Bcc.
 *
 * @see https://www.postfix.org/postconf.5.html#recipient_bcc_maps, regexp_table(5), transport(5)
 */
export function postfixRecipe(place: RecipePlace): Recipe {
  const { journalEmailAddress, connector, subAddress, host, port } = place;
  const domain = domainOf(place);
  const name = journalEmailAddress.slice(0, journalEmailAddress.lastIndexOf("@"));
  return {
    id: "postfix",
    title: "Postfix",
    fidelity: "A",
    sentence:
      "Every envelope recipient is captured, Bcc included. Mail that Postfix makes itself, and copies made by lists or forwarding after it took the mail in, are told by the address they were sent to at first.",
    before: [
      ...typeBefore(place, "standard"),
      ...(subAddress
        ? []
        : [`Let this connector read sub-addresses: muniment connectors edit ${connector} --sub-address on`]),
    ],
    steps: [
      {
        text: "Write the file /etc/postfix/muniment_bcc. It makes one copy for each recipient, and none of mail that is a copy already.",
        code: [
          `if !/@${domain.replace(/[.]/g, "\\.")}$/`,
          `/^(.+)@([^@]+)$/ ${name.replaceAll("$", "$$$$")}+$1=$2@${domain}`,
          "endif",
        ].join("\n"),
      },
      {
        text: "Add to /etc/postfix/main.cf. Where one of these is set already, add ours to what it lists.",
        code: [
          "recipient_bcc_maps = regexp:/etc/postfix/muniment_bcc",
          `transport_maps = inline:{ { ${domain} = muniment:[${host}]:${port} } }`,
        ].join("\n"),
      },
      {
        text: "Add to /etc/postfix/master.cf. With soft_bounce a fault of the archive never bounces to a sender.",
        code: ["muniment unix - - n - - smtp", "  -o soft_bounce=yes", ...delivery(place)].join("\n"),
      },
      ...(place.hasLogin
        ? [
            {
              text: "Write the file /etc/postfix/muniment_login with the password you were shown, readable by root only.",
              code: `[${host}]:${port} ${journalEmailAddress}:PASSWORD`,
            },
          ]
        : []),
      { text: "Let Postfix read its settings anew.", code: "postfix reload" },
    ],
    warnings: [
      "Where a content filter hands mail back to Postfix, set no_address_mappings on the first pass, or each mail is copied twice.",
      "always_bcc in a line of its own would lose Bcc recipients and lists; a prepended X-Envelope-To would show them to everyone.",
      "virtual_alias_maps and canonical_maps also apply to the copy's address: see that they leave this domain alone.",
    ],
  };
}

function delivery({ requireTls, hasLogin, host }: RecipePlace): string[] {
  const isAddress = /^[0-9.]+$|:/.test(host);
  const level = requireTls || hasLogin ? (isAddress ? "encrypt" : "secure") : "may";
  return [
    `  -o smtp_tls_security_level=${level}`,
    ...(hasLogin
      ? [
          "  -o smtp_sasl_auth_enable=yes",
          "  -o smtp_sasl_password_maps=texthash:/etc/postfix/muniment_login",
          "  -o smtp_sasl_tls_security_options=noanonymous",
        ]
      : []),
  ];
}
