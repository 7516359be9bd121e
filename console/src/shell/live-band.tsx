import { Button } from "@mantine/core";
import { Notice } from "../parts/notice.tsx";
import { text } from "../text/index.ts";
import { clockText } from "../time.ts";
import { useLive } from "./live-provider.tsx";

/** Says that the numbers on screen are old, since when, and that it is being mended. Nothing while they are live. */
export function LiveBand() {
  const { state, reconnect } = useLive();
  if (state.kind !== "lost") return null;
  const title = state.heardAt === null ? text.live.lostBefore : text.live.lost(clockText(state.heardAt));
  return (
    <div className="live-band">
      <Notice tone="warn" title={title} alert>
        <div className="line">
          <span>{text.live.reconnecting}</span>
          <Button variant="default" onClick={reconnect}>
            {text.live.reconnect}
          </Button>
        </div>
      </Notice>
    </div>
  );
}
