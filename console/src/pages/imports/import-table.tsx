import { Button } from "@mantine/core";
import type { FileImport } from "../../api.generated.ts";
import { Scrolls } from "../../parts/scrolls.tsx";
import { Badge, type Tone } from "../../parts/shape.tsx";
import { When } from "../../parts/when.tsx";
import { text } from "../../text/index.ts";

const tones: Record<FileImport["state"], Tone> = {
  receiving: "fresh",
  waiting: "idle",
  reading: "fresh",
  archiving: "fresh",
  done: "good",
  failed: "bad",
};

const number = new Intl.NumberFormat(text.locale);

/** Every import the server knows of, with its numbers as they are now. */
export function ImportTable({ imports, onShow }: { imports: FileImport[]; onShow: (id: string) => void }) {
  const words = text.imports;
  const { found, archived, duplicate, quarantined, unreadable, bytes } = words.columns;
  return (
    <section className="stack" aria-labelledby="imports">
      <h2 id="imports">{words.listHeading}</h2>
      {imports.length === 0 ? (
        <p className="soft">{words.none}</p>
      ) : (
        <Scrolls name={words.tableName}>
          <table className="data imports">
            <thead>
              <tr>
                <th scope="col">{words.columns.name}</th>
                <th scope="col">{words.columns.state}</th>
                <th scope="col">{words.columns.began}</th>
                {[found, archived, duplicate, quarantined, unreadable, bytes].map((title) => (
                  <th key={title} scope="col" className="number">
                    {title}
                  </th>
                ))}
                <th scope="col">{words.show}</th>
              </tr>
            </thead>
            <tbody>
              {imports.map((one) => (
                <Row key={one.id} one={one} onShow={onShow} />
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </section>
  );
}

function Row({ one, onShow }: { one: FileImport; onShow: (id: string) => void }) {
  const words = text.imports;
  const { found, archived, duplicate, quarantined, unreadable } = one.outcome;
  return (
    <tr>
      <th scope="row" className="anywhere" dir="auto">
        {one.name}
        <div className="soft small">
          {words.from[one.from]}, {text.journaling.types[one.type]}
        </div>
      </th>
      <td>
        <Badge tone={tones[one.state]}>{words.states[one.state]}</Badge>
        {one.state === "receiving" && one.received !== null && one.announced !== null && (
          <progress max={one.announced} value={one.received} aria-label={words.receivedOf(one.name)} />
        )}
      </td>
      <td>
        <When at={one.beganAt} />
      </td>
      {[found, archived, duplicate, quarantined, unreadable, one.bytes].map((value, place) => (
        <td key={place} className="number">
          {number.format(value)}
        </td>
      ))}
      <td>
        <Button variant="default" aria-label={words.showOf(one.name)} onClick={() => onShow(one.id)}>
          {words.show}
        </Button>
      </td>
    </tr>
  );
}
