import DOMPurify from "dompurify";
import { makeSafe, safeSheet } from "./safe-css.ts";

/** A mail body made harmless, and what of it is not shown. */
export interface SafeMail {
  /** A whole document for the `srcdoc` of a frame with an empty `sandbox`. */
  document: string;
  remoteImages: number;
  inlineImages: number;
}

/** What the frame may do. An archive must not tell a sender that its mail is being read, so nothing is ever fetched. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const head = `<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<style>
  :root { color-scheme: light; background: #fff; color: #111; }
  body { font: 14px/1.5 system-ui, sans-serif; margin: 12px; overflow-wrap: anywhere; }
  img { max-width: 100%; }
  img:not([src]) { outline: 1px dashed #888; min-width: 12px; min-height: 12px; }
  a { color: #1a3fb0; text-decoration: underline; }
</style>`;

/**
 * Cleans the HTML of a mail: scripts, forms, frames, media and everything that could fetch or navigate is taken out;
 * links keep their text and show their target on hover.
 *
 * Three layers hold each other up: this, the policy inside the frame, and the frame's sandbox.
 */
export function safeMail(html: string): SafeMail {
  let remoteImages = 0;
  let inlineImages = 0;
  const purify = DOMPurify(window);
  purify.addHook("uponSanitizeElement", (node, { tagName }) => {
    if (tagName === "style") node.textContent = safeSheet(node.textContent ?? "");
  });
  purify.addHook("afterSanitizeAttributes", (node) => {
    if (node instanceof HTMLElement && node.hasAttribute("style")) makeSafe(node.style);
    if (node.tagName === "A" || node.tagName === "AREA") {
      const target = node.getAttribute("href");
      node.removeAttribute("href");
      if (target) node.setAttribute("title", target);
    }
    if (node.tagName === "IMG") {
      const source = node.getAttribute("src") ?? "";
      if (/^data:image\//i.test(source)) return;
      if (/^cid:/i.test(source)) inlineImages += 1;
      else if (source !== "") remoteImages += 1;
      node.removeAttribute("src");
    }
  });
  const root = purify.sanitize(html, {
    WHOLE_DOCUMENT: true,
    RETURN_DOM: true,
    USE_PROFILES: { html: true },
    ADD_TAGS: ["style"],
    FORBID_TAGS: [
      ...["base", "link", "meta", "form", "input", "button", "select", "textarea", "dialog"],
      ...["iframe", "frame", "object", "embed", "audio", "video", "source", "track", "picture"],
    ],
    FORBID_ATTR: ["srcset", "background", "poster", "ping", "target", "action", "formaction", "autofocus"],
    ALLOW_DATA_ATTR: false,
  }) as HTMLElement;
  // Built from parts, our head first: the policy is in force before anything of the mail is read.
  const theirHead = root.querySelector("head")?.innerHTML ?? "";
  const body = root.querySelector("body")?.outerHTML ?? "";
  return {
    document: `<!doctype html><html><head>${head}${theirHead}</head>${body}</html>`,
    remoteImages,
    inlineImages,
  };
}
