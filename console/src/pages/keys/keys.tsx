import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { decryptionKeysQuery, statusQuery } from "../../api/queries.ts";
import type { Certificate, DecryptionKeys } from "../../api.generated.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Scrolls } from "../../parts/scrolls.tsx";
import { Badge } from "../../parts/shape.tsx";
import { When } from "../../parts/when.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { ImportKeys, TrustAuthority } from "./give-keys.tsx";
import "./keys.css";

/** The keys for encrypted mail: what each did, what waits, and how far opening is. */
export function KeysPage() {
  const user = useUser();
  const words = text.keys;
  const mayRead = may(user, "keys:read");
  const keys = useQuery({ ...decryptionKeysQuery, enabled: mayRead });
  return (
    <Page title={words.title}>
      <p className="soft">{words.lead}</p>
      <Opening />
      {!mayRead && <Notice tone="idle" title={words.notAllowed} />}
      {keys.isError && <ProblemBox error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isLoading && <Loading />}
      {keys.data && <Certificates certificates={keys.data.certificates} />}
      {keys.data && <WaitingMail waiting={keys.data.waiting} />}
      {may(user, "keys:write") && (
        <div className="give-keys">
          <ImportKeys />
          <TrustAuthority />
        </div>
      )}
    </Page>
  );
}

/** How far the opening of waiting mail is, as the live stream tells it; the table follows. */
function Opening() {
  const words = text.keys;
  const user = useUser();
  const queryClient = useQueryClient();
  const status = useQuery({ ...statusQuery, enabled: may(user, "status:read") });
  const opening = status.data?.opening ?? null;
  const mark = opening === null ? null : opening.done;
  useEffect(() => {
    void mark;
    void queryClient.invalidateQueries({ queryKey: decryptionKeysQuery.queryKey });
  }, [mark, queryClient]);
  return (
    <div role="status">
      {opening !== null && (
        <div className="opening">
          <span>{words.opening}</span>
          <progress max={opening.total} value={opening.done} aria-label={words.opening} />
          <span>{words.openingText(opening.done, opening.total)}</span>
        </div>
      )}
    </div>
  );
}

function Certificates({ certificates }: { certificates: Certificate[] }) {
  const words = text.keys;
  if (certificates.length === 0) return <p>{words.none}</p>;
  const { columns } = words;
  return (
    <Scrolls name={words.tableName}>
      <table className="data keys">
        <caption>{words.caption(certificates.length)}</caption>
        <thead>
          <tr>
            <th scope="col">{columns.owner}</th>
            <th scope="col">{columns.kind}</th>
            <th scope="col">{columns.issuer}</th>
            <th scope="col">{columns.serial}</th>
            <th scope="col">{columns.ends}</th>
            <th scope="col" className="number">
              {columns.opened}
            </th>
            <th scope="col" className="number">
              {columns.waiting}
            </th>
          </tr>
        </thead>
        <tbody>
          {certificates.map((certificate) => (
            <CertificateRow key={`${certificate.kind} ${certificate.id}`} certificate={certificate} />
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

function CertificateRow({ certificate }: { certificate: Certificate }) {
  const words = text.keys;
  const { kind } = certificate;
  const hasEnded = Date.parse(certificate.notAfter) < Date.now();
  return (
    <tr>
      <th scope="row" className="anywhere" dir="auto">
        {certificate.subject}
        <div className="soft small">{certificate.addresses.join(", ")}</div>
      </th>
      <td>{words.kinds[kind]}</td>
      <td className="anywhere" dir="auto">
        {certificate.issuer}
      </td>
      <td className="mono anywhere">{certificate.serial}</td>
      <td>
        <When at={certificate.notAfter} />
        {hasEnded && (
          <div>
            <Badge tone={kind === "key" ? "idle" : "warn"}>{kind === "key" ? words.ended : words.authorityEnded}</Badge>
          </div>
        )}
      </td>
      <td className="number">{kind === "key" ? certificate.opened : ""}</td>
      <td className="number">{kind === "key" ? certificate.waiting : ""}</td>
    </tr>
  );
}

function WaitingMail({ waiting }: { waiting: DecryptionKeys["waiting"] }) {
  const words = text.keys;
  return (
    <section className="stack" aria-labelledby="waiting">
      <h2 id="waiting">{words.waiting}</h2>
      {waiting.length === 0 ? (
        <p className="soft">{words.waitingNone}</p>
      ) : (
        <Scrolls name={words.waiting}>
          <table className="data keys">
            <thead>
              <tr>
                <th scope="col">{words.recipient}</th>
                <th scope="col" className="number">
                  {words.messages}
                </th>
              </tr>
            </thead>
            <tbody>
              {waiting.map(({ recipient, messages }) => (
                <tr key={recipient}>
                  <th scope="row" className="anywhere" dir="auto">
                    {recipient}
                  </th>
                  <td className="number">{messages}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </section>
  );
}
