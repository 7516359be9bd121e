/** What a declaration may not hold: anything that could fetch, and escapes, which could spell it. */
const reaches = /url\s*\(|src\s*\(|image-set\s*\(|cross-fade\s*\(|element\s*\(|\\/i;

/**
 * The rules of a style sheet that fetch nothing, as text. Imports and fonts are left out, as is every other rule that is
 * neither declarations nor a condition around them.
 *
 * The policy of the frame would stop a fetch as well; this keeps it from being tried.
 */
export function safeSheet(css: string): string {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const waiting: (CSSStyleSheet | CSSGroupingRule | CSSStyleRule)[] = [sheet];
  for (let list = waiting.pop(); list; list = waiting.pop()) {
    for (let place = list.cssRules.length - 1; place >= 0; place -= 1) {
      const rule = list.cssRules[place];
      if (rule instanceof CSSStyleRule) {
        makeSafe(rule.style);
        waiting.push(rule);
      } else if (rule instanceof CSSMediaRule || rule instanceof CSSSupportsRule) waiting.push(rule);
      else list.deleteRule(place);
    }
  }
  const text = [...sheet.cssRules].map((rule) => rule.cssText).join("\n");
  // A string in a selector may spell an end tag, which would end the element this text goes into.
  return text.replaceAll("</", "<\\/");
}

/** Takes out of `style` what could fetch. Variables go too, since a value can be put together from them. */
export function makeSafe(style: CSSStyleDeclaration): void {
  for (const name of [...style]) {
    if (name.startsWith("--") || reaches.test(style.getPropertyValue(name))) style.removeProperty(name);
  }
  // A shorthand with a variable in it shows no longhands, so the whole is looked at once more.
  style.cssText = reaches.test(style.cssText) ? "" : style.cssText;
}
