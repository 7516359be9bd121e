import { Badge } from "../../parts/shape.tsx";
import { text } from "../../text/index.ts";
import { clockText } from "../../time.ts";

/** Whether the bytes just read are the bytes that were archived, in words. @param at when they were read */
export function IntegrityBadge({ isVerified, at }: { isVerified: boolean; at: number }) {
  return (
    <Badge tone={isVerified ? "good" : "bad"}>
      {isVerified ? text.message.verified(clockText(at)) : text.message.failed}
    </Badge>
  );
}
