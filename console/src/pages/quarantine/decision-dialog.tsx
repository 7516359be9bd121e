import { Button, Modal, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { NewDecision } from "../../api.generated.ts";
import { text } from "../../text/index.ts";

/** A decision somebody is about to make: about one item, or about all that wait for a reason. */
export interface Asked {
  what: NewDecision["what"];
  ids?: string[];
  reason?: string;
  items: number;
}

/** Asks before many items are decided, or one is discarded, and says what happens to them. */
export function DecisionDialog(props: {
  asked: Asked | null;
  onClose: () => void;
  onDecide: (body: NewDecision) => void;
}) {
  const { asked, onClose, onDecide } = props;
  const title = asked === null ? "" : text.quarantine.ask[asked.what](asked.items);
  return (
    <Modal
      opened={asked !== null}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": text.common.cancel }}
    >
      {asked !== null && <Asking asked={asked} onClose={onClose} onDecide={onDecide} />}
    </Modal>
  );
}

function Asking({
  asked,
  onClose,
  onDecide,
}: {
  asked: Asked;
  onClose: () => void;
  onDecide: (body: NewDecision) => void;
}) {
  const words = text.quarantine;
  const [why, setWhy] = useState("");
  const [wasSent, setSent] = useState(false);
  const isMissing = asked.what === "discard" && why.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (isMissing) return;
    const { what, ids, reason } = asked;
    onDecide({
      what,
      ...(ids === undefined ? {} : { ids }),
      ...(reason === undefined ? {} : { reason }),
      ...(why.trim() === "" ? {} : { why: why.trim() }),
    });
    onClose();
  };
  return (
    <form noValidate className="stack" onSubmit={submit}>
      <p>{words.effects[asked.what]}</p>
      {asked.what !== "retry" && (
        <Textarea
          label={words.why}
          description={words.whyHint}
          withAsterisk={asked.what === "discard"}
          required={asked.what === "discard"}
          maxLength={1000}
          autosize
          minRows={2}
          data-autofocus
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          error={wasSent && isMissing ? words.whyMissing : undefined}
        />
      )}
      <div className="line">
        <Button type="submit">{words.confirm[asked.what]}</Button>
        <Button variant="default" onClick={onClose} data-autofocus={asked.what === "retry" ? true : undefined}>
          {text.common.cancel}
        </Button>
      </div>
    </form>
  );
}
