import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { connectorsQuery } from "../../api/queries.ts";
import { type Connector, editConnector } from "../../api.generated.ts";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { text } from "../../text/index.ts";

/** Asks before a connector is switched, and says what happens to mail. */
export function SwitchDialog(props: { connector: Connector; isOpen: boolean; onClose: () => void }) {
  const { connector, isOpen, onClose } = props;
  const queryClient = useQueryClient();
  const words = text.journaling;
  const change = useMutation({
    mutationFn: () => {
      const { id, version, enabled } = connector;
      return editConnector({ id, ifMatch: `"${version}"`, body: { enabled: !enabled } });
    },
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: connectorsQuery.queryKey });
    },
  });
  const close = () => {
    change.reset();
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={(connector.enabled ? words.disableTitle : words.enableTitle)(connector.description)}
      closeButtonProps={{ "aria-label": text.common.cancel }}
    >
      <div className="stack">
        {connector.enabled ? (
          <>
            <p>
              <strong>{connector.transport === "pop3" ? text.mailbox.disableEffect : words.disableEffect}</strong>
            </p>
            <p>{words.disableKeeps}</p>
            <p className="soft">{words.disableLimit}</p>
          </>
        ) : (
          <p>{connector.transport === "pop3" ? text.mailbox.enableEffect : words.enableEffect}</p>
        )}
        {change.isError && <ProblemBox error={change.error} />}
        <div className="line">
          <Button loading={change.isPending} onClick={() => change.mutate()}>
            {connector.enabled ? words.disable : words.enable}
          </Button>
          <Button variant="default" onClick={close} data-autofocus>
            {text.common.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
