import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageRow, SmimeEntry } from "#catalogue/index.ts";
import type { Instant } from "#core/index.ts";
import { documentOf } from "./document.ts";

const row = {
  ...{
    id: "msg_1",
    sha256: "00",
    bytes: 1,
    subject: "",
    from: [],
    to: [],
    cc: [],
    bcc: [],
    messageId: null,
    date: null,
  },
  ...{ receipts: [], defects: [], archivedAt: 0, pack: "pck_1", storedAt: "0" },
  parts: [{ path: "", type: "application/pkcs7-mime", filename: "smime.p7m", bytes: 9 }],
} as unknown as MessageRow;

function marks(more: Partial<SmimeEntry> | null, of: MessageRow = row): string[] {
  const smime: SmimeEntry | null = more && {
    ...{ message: row.id, state: "signed-ok", algorithm: null, recipients: [], key: null, signature: null },
    ...{ isCut: false, derived: [], waitsFor: [], decidedAt: 0 as Instant },
    ...more,
  };
  return documentOf(of, { text: "", filenames: [], smime }, []).marks.filter((mark) => mark !== "attachment");
}

const signature = { state: "signed-ok", reason: "", signer: null, digest: null } as const;

test("what is encrypted is marked so, opened or not, and what is only signed is not", () => {
  const algorithm = "AES-256-CBC";
  assert.deepEqual(marks({ state: "encrypted-no-key", algorithm }), ["encrypted_no_key", "partial", "encrypted"]);
  assert.deepEqual(marks({ state: "encrypted-decrypted", algorithm, signature }), [
    ...["encrypted_decrypted", "signed_ok", "signed", "encrypted"],
  ]);
  assert.deepEqual(marks({ state: "signed-ok", signature }), ["signed_ok", "signed"]);
  assert.deepEqual(marks({ state: "corrupt" }), ["corrupt", "partial", "encrypted"]);
  assert.deepEqual(marks({ state: "compressed" }), ["compressed"]);
  assert.deepEqual(marks(null), []);
});

test("what was left unread because of a limit is partial, and PGP is seen to be encrypted", () => {
  assert.deepEqual(marks({ state: "compressed", isCut: true }), ["compressed", "partial"]);
  const pgp = { ...row, parts: [{ ...row.parts[0]!, type: "application/pgp-encrypted" }] };
  assert.deepEqual(marks(null, pgp), ["encrypted"]);
});
