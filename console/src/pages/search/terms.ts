/** Fewest and most parts for which leaving one out is worth a question to the server each. */
const relaxedTermsMin = 2;
const relaxedTermsMax = 5;

/** The parts of a search text at its top level: quoted phrases and brackets stay whole. */
export function topTerms(q: string): string[] {
  const terms: string[] = [];
  let term = "";
  let depth = 0;
  let isQuoted = false;
  for (const character of q) {
    if (/["“”„]/.test(character)) isQuoted = !isQuoted;
    else if (!isQuoted && /[({]/.test(character)) depth += 1;
    else if (!isQuoted && /[)}]/.test(character)) depth -= 1;
    if (/\s/.test(character) && !isQuoted && depth <= 0) {
      if (term !== "") terms.push(term);
      term = "";
    } else term += character;
  }
  if (term !== "") terms.push(term);
  return terms;
}

/** The same search with one part left out, each; empty when that makes no sense (OR, or too few or many parts). */
export function relaxed(q: string): { part: string; q: string }[] {
  const terms = topTerms(q);
  const isPlain = terms.length >= relaxedTermsMin && terms.length <= relaxedTermsMax;
  if (!isPlain || terms.some((term) => /^(AND|OR|NOT)$/.test(term) || term.endsWith(":"))) return [];
  return terms.map((part, place) => ({ part, q: terms.filter((_, other) => other !== place).join(" ") }));
}

/** The dates a search asks for, so that another question can be asked for the same range; "" when it has none. */
export function dateTerms(q: string): string {
  return topTerms(q)
    .filter((term) => /^(after|before|on|date|sent|older_than|newer_than)[:<>]./i.test(term))
    .join(" ");
}
