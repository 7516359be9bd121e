import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import type { Instant } from "#core/index.ts";
import { readMessage } from "#mail/index.ts";
import { der } from "./ber.ts";
import { readCms, recipientsMax } from "./cms.ts";
import { layersMax } from "./effort.ts";
import { readSmime } from "./read-smime.ts";

const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const oids = {
  data: oid("2a864886f70d010701"),
  enveloped: oid("2a864886f70d010703"),
  compressed: oid("2a864886f70d0109100109"),
  zlib: oid("2a864886f70d0109100308"),
  rsa: oid("2a864886f70d010101"),
  aes128: oid("60864801650304010" + "2"),
};
const integer = (value: number) => der(0x02, Buffer.of(value));
const contentInfo = (type: Buffer, content: Buffer) => der(0x30, type, der(0xa0, content));

function mailOf(cms: Buffer): Buffer {
  const head =
    "From: a@test.example\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return Buffer.from(head + cms.toString("base64").replace(/.{76}/g, "$&\r\n"));
}

function read(mail: Buffer) {
  return readSmime(mail, readMessage(mail), { keys: [], authorities: [], at: 0 as Instant });
}

function envelopeTo(count: number): Buffer {
  const name = der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from("someone")))));
  const recipient = der(
    0x30,
    integer(0),
    der(0x30, name, integer(1)),
    der(0x30, oids.rsa),
    der(0x04, Buffer.alloc(256)),
  );
  const content = der(
    0x30,
    oids.data,
    der(0x30, oids.aes128, der(0x04, Buffer.alloc(16))),
    der(0x80, Buffer.alloc(16)),
  );
  const recipients = der(0x31, ...Array.from({ length: count }, () => recipient));
  return contentInfo(oids.enveloped, der(0x30, integer(0), recipients, content));
}

function compressed(content: Buffer): Buffer {
  const inside = der(0x30, oids.data, der(0xa0, der(0x04, deflateSync(content))));
  return contentInfo(oids.compressed, der(0x30, integer(0), der(0x30, oids.zlib), inside));
}

test("of a hundred thousand recipients a bounded number is looked at, and it is said", () => {
  const cms = readCms(envelopeTo(100_000));
  assert.ok(cms.kind === "enveloped" && cms.isCut);
  assert.equal(cms.recipients.length, recipientsMax);
  const full = readCms(envelopeTo(recipientsMax));
  assert.ok(full.kind === "enveloped" && !full.isCut);
  const reading = read(mailOf(envelopeTo(100_000)));
  assert.equal(reading?.state, "encrypted-no-key");
  assert.equal(reading.isCut, true);
  assert.equal(reading.recipients.length, 100);
});

test("envelopes inside one another are opened to their bound, and it is said", () => {
  const nested = (depth: number) => {
    let mail: Buffer = Buffer.from("Content-Type: text/plain\r\n\r\nthe innermost\r\n");
    for (let layer = 0; layer < depth; layer += 1) mail = mailOf(compressed(mail));
    return mail;
  };
  const bound = read(nested(layersMax));
  assert.match(bound?.entities.at(-1)?.reading.text ?? "", /the innermost/);
  assert.equal(bound?.isCut, false);
  const beyond = read(nested(layersMax + 1));
  assert.equal(beyond?.isCut, true);
  assert.doesNotMatch(beyond?.entities.at(-1)?.reading.text ?? "", /the innermost/);
});

test("compression that would unfold without end is called corrupt, and gives nothing", () => {
  const reading = read(mailOf(compressed(Buffer.alloc(300 * 1024 * 1024))));
  assert.equal(reading?.state, "corrupt");
  assert.deepEqual(reading.entities, []);
});

test("a message without S/MIME has no reading of it", () => {
  assert.equal(read(Buffer.from("From: a@test.example\r\n\r\ntext\r\n")), null);
});

test("any octets in the place of an object give a reading, and never a throw", () => {
  const base = envelopeTo(2);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(base.length), (bytes, at) => {
      assert.ok(read(mailOf(Buffer.from(bytes))));
      const changed = Buffer.concat([base.subarray(0, at), Buffer.from(bytes.subarray(0, 4)), base.subarray(at)]);
      assert.ok(read(mailOf(changed)));
    }),
    { numRuns: 300 },
  );
});
