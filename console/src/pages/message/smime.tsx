import { useQuery } from "@tanstack/react-query";
import { decryptionKeysQuery } from "../../api/queries.ts";
import { type Entity, getRawEntityUrl, type MessageDetail, type Smime, type TnefEntity } from "../../api.generated.ts";
import { Notice } from "../../parts/notice.tsx";
import { Badge, type Tone } from "../../parts/shape.tsx";
import { When } from "../../parts/when.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { Attachments } from "./attachments.tsx";
import { MailBody } from "./mail-body.tsx";
import { people } from "./people.ts";

const tones: Record<string, Tone> = {
  "encrypted-decrypted": "good",
  "encrypted-no-key": "warn",
  "encrypted-bad-key": "bad",
  "unsupported-alg": "warn",
  corrupt: "bad",
  compressed: "good",
  "signed-ok": "good",
  "signed-bad": "bad",
  "signed-untrusted": "warn",
  "signed-unsupported": "warn",
};

/** How encryption and signature stand: state, signer, key, cipher, recipients, and when it was read. */
export function SmimePanel({ message, smime }: { message: MessageDetail; smime: Smime }) {
  const words = text.smime;
  const { signature } = smime;
  const isEncrypted = smime.algorithm !== null;
  return (
    <section className="stack" aria-labelledby="smime">
      <h2 id="smime">{words.heading}</h2>
      <dl className="facts">
        <dt>{words.state}</dt>
        <dd>
          <State state={smime.state} />
        </dd>
        <dt>{words.signature}</dt>
        <dd>
          {signature === null ? (
            words.unsigned
          ) : (
            <>
              <State state={signature.state} /> {signature.reason} <span className="soft">{words.signedAsOf}</span>
            </>
          )}
        </dd>
        {signature?.signer && (
          <>
            <dt>{words.signer}</dt>
            <dd className="anywhere" dir="auto">
              {[signature.signer.subject, ...signature.signer.addresses].join(", ")}
            </dd>
          </>
        )}
        {isEncrypted && (
          <>
            <dt>{words.cipher}</dt>
            <dd>{smime.algorithm}</dd>
          </>
        )}
        {smime.key !== null && (
          <>
            <dt>{words.key}</dt>
            <dd className="anywhere">
              <KeyName id={smime.key} />
            </dd>
          </>
        )}
        {isEncrypted && (
          <>
            <dt>{words.recipients}</dt>
            <dd className="anywhere" dir="auto">
              {smime.recipients.map((name) => words.recipient(name)).join("; ")}
            </dd>
          </>
        )}
        <dt>{words.readAt}</dt>
        <dd>
          <When at={smime.decidedAt} />
        </dd>
      </dl>
      {smime.isCut && (
        <Notice tone="warn" title={words.cut}>
          <p>{words.cutDetail}</p>
        </Notice>
      )}
      {message.hidden > 0 && (
        <Notice tone="idle" title={words.hidden(message.hidden)}>
          <p>{words.hiddenDetail}</p>
        </Notice>
      )}
    </section>
  );
}

function State({ state }: { state: string }) {
  return <Badge tone={tones[state] ?? "idle"}>{text.smime.states[state] ?? state}</Badge>;
}

/** The owner of the certificate where the reader may see the keys, and its fingerprint in any case. */
function KeyName({ id }: { id: string }) {
  const user = useUser();
  const known = useQuery({ ...decryptionKeysQuery, enabled: may(user, "keys:read") });
  const certificate = known.data?.certificates.find((one) => one.id === id);
  return (
    <>
      {certificate && `${certificate.subject} `}
      <span className="mono soft">{id}</span>
    </>
  );
}

/** One opened entity, in a section and a frame of its own. */
export function EntitySection(props: { message: MessageDetail; entity: Entity; place: number }) {
  const { message, entity, place } = props;
  const words = text.smime;
  const id = `entity-${place}`;
  const inner = entity.headers.subject;
  return (
    <section className="stack entity" aria-labelledby={id}>
      <h2 id={id}>{words.entity(place, message.entities.length)}</h2>
      <p className="soft">{words.entityDetail}</p>
      {entity.isDecrypted && !entity.isAuthenticated && (
        <Notice tone="warn" title={words.unauthenticated}>
          <p>{words.unauthenticatedDetail}</p>
        </Notice>
      )}
      {inner !== "" && (
        <dl className="facts">
          <dt>{words.innerSubject}</dt>
          <dd dir="auto">{inner}</dd>
          <dt>{words.outerSubject}</dt>
          <dd dir="auto">{message.headers.subject}</dd>
          {entity.headers.from.length > 0 && (
            <>
              <dt>{text.message.from}</dt>
              <dd dir="auto">{people(entity.headers.from)}</dd>
            </>
          )}
        </dl>
      )}
      {inner !== "" && inner !== message.headers.subject && <p>{words.subjectsDiffer}.</p>}
      <MailBody html={entity.html} plain={entity.text} name={words.bodyOf(place)} />
      <Attachments
        messageId={message.id}
        parts={entity.parts.map((part) => ({ ...part, path: `${entity.path}/${part.path}` }))}
        id={`attachments-${place}`}
        heading={words.attachmentsOf(place)}
      />
      <p>
        <a href={getRawEntityUrl({ id: message.id, path: entity.path })} download>
          {words.downloadEntity}
        </a>
      </p>
    </section>
  );
}

/** What Outlook had wrapped: its text and its files. */
export function TnefSection(props: { message: MessageDetail; tnef: TnefEntity; place: number }) {
  const { message, tnef, place } = props;
  const words = text.smime;
  const id = `tnef-${place}`;
  return (
    <section className="stack entity" aria-labelledby={id}>
      <h2 id={id}>{words.tnef(place, message.tnef.length)}</h2>
      <p className="soft">{words.tnefDetail}</p>
      {tnef.headers.subject !== "" && <p dir="auto">{tnef.headers.subject}</p>}
      {tnef.text.trim() === "" ? (
        <p className="soft">{words.noText}</p>
      ) : (
        <pre className="message-text" dir="auto">
          {tnef.text}
        </pre>
      )}
      <Attachments
        messageId={message.id}
        parts={tnef.parts}
        id={`tnef-files-${place}`}
        heading={`${words.tnef(place, message.tnef.length)}: ${text.message.attachments}`}
      />
    </section>
  );
}
