import { ActionIcon, Button } from "@mantine/core";
import { useRef, useState } from "react";
import { text } from "../text/index.ts";

/** How long the button says that it copied. */
const saysCopiedMs = 2000;

/**
 * Puts `value` on the clipboard and says so.
 *
 * @param name spoken name, such as "Copy Journal Email Address"
 * @param isIcon for dense places: a sign instead of the word
 */
export function CopyButton(props: { value: string; name: string; label?: string; isIcon?: boolean }) {
  const { value, name, label, isIcon = false } = props;
  const [copied, setCopied] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  const copy = async () => {
    await writeClipboard(value);
    setCopied(true);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCopied(false), saysCopiedMs);
  };
  return (
    <>
      {isIcon ? (
        <ActionIcon variant="subtle" size={24} aria-label={name} title={name} onClick={() => void copy()}>
          <CopySign isDone={copied} />
        </ActionIcon>
      ) : (
        <Button variant="default" size="compact-xs" aria-label={name} onClick={() => void copy()}>
          {copied ? text.common.copied : (label ?? text.common.copy)}
        </Button>
      )}
      <span role="status" className="only-spoken">
        {copied ? text.common.copied : ""}
      </span>
    </>
  );
}

function CopySign({ isDone }: { isDone: boolean }) {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      {isDone ? <path d="m3 8.5 3.2 3.2L13 4.8" /> : <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />}
    </svg>
  );
}

/** The clipboard API exists only on https and loopback; an archive may be reached by plain http inside a network. */
async function writeClipboard(value: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(value);
  const field = document.createElement("textarea");
  field.value = value;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
