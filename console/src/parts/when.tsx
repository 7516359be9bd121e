import { dateText, exactText } from "../time.ts";

/** An instant in the viewer's zone; hover gives seconds and UTC. */
export function When({ at }: { at: string | number }) {
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={exactText(at)} className="nowrap">
      {dateText(at)}
    </time>
  );
}
