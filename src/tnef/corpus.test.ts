import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFile, corpusFiles } from "../../test/corpus.ts";
import { readTnef } from "./index.ts";

/** What each sample holds: its subject, its files with their sizes, words of its text, and what is wrong with it. */
const samples: Record<string, { subject: string; files: [string, number][]; words: string; defects?: string[] }> = {
  // The names in it were blotted out by hand, and the checksums were not made anew.
  "IPM-DistList.tnef": { subject: "", files: [], words: "only up to 100 email", defects: ["tnef_checksum"] },
  "bad_checksum.tnef": {
    subject: "Mediterranean Delight  - Baklava and Persian Tea!!!!! Dec 14th ",
    files: [["image001.png", 1_533_127]],
    words: "Persian Tea",
    // Its last attribute is cut off within its checksum.
    defects: ["tnef_checksum", "tnef_truncated"],
  },
  "body.tnef": { subject: "Bill of Rights", files: [], words: "THE BILL OF RIGHTS" },
  // A read receipt: it has neither text nor files.
  "garbage-at-end.tnef": { subject: "", files: [], words: "", defects: ["tnef_garbage"] },
  "long-filename.tnef": {
    subject: "RE: license file",
    files: [["allproductsmar2000.dat", 279]],
    words: "temp. license",
  },
  // Rendering data and nothing else: an attachment without a name.
  "minimal_attachment.tnef": { subject: "", files: [["", 16]], words: "", defects: ["tnef_garbage"] },
  "multi-name-property.tnef": { subject: "Pfingstmontag", files: [], words: "" },
  "one-file.tnef": { subject: "one-file", files: [["AUTHORS", 244]], words: "" },
  "rtf.tnef": { subject: "", files: [], words: "Senior Engineer" },
  "triples.tnef": { subject: "Sample Summary", files: [], words: "Sample description" },
  "two-files.tnef": {
    subject: "two files",
    files: [
      ["AUTHORS", 244],
      ["README", 893],
    ],
    words: "",
  },
  "umlaut.tnef": {
    subject: "",
    files: [
      ["TBZ PARIV GmbH.jpg", 44_764],
      ["image003.jpg", 1001],
      ["UmlautAnhang-äüö.txt", 14],
    ],
    words: "TEST äöü",
  },
};

test("every TNEF sample of the corpus is read: subject, files, text and what is wrong with it", () => {
  const names = [...corpusFiles("outlook-tnefparse")].map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
  assert.deepEqual(names.sort(), Object.keys(samples).sort());
  for (const [name, sample] of Object.entries(samples)) {
    const { messages, defects } = readTnef(corpusFile(join("outlook-tnefparse", name)));
    const [outer] = messages;
    assert.ok(outer !== undefined, name);
    const files = outer.attachments.flatMap((one) => (one.kind === "file" ? [[one.name, one.bytes.length]] : []));
    assert.deepEqual({ subject: outer.subject, files }, { subject: sample.subject, files: sample.files }, name);
    assert.ok(outer.text.includes(sample.words), `${name}: ${outer.text}`);
    assert.deepEqual([...new Set(defects)], sample.defects ?? [], name);
  }
});

test("a message nested in a TNEF is read with who sent it", () => {
  const { messages } = readTnef(corpusFile(join("outlook-tnefparse", "IPM-DistList.tnef")));
  assert.deepEqual(
    messages.map(({ path, messageClass, subject, people }) => ({ path, messageClass, subject, people })),
    [
      { path: "", messageClass: "IPM.Microsoft Mail.Note", subject: "", people: [] },
      {
        path: "1",
        messageClass: "IPM.DistList",
        subject: "XXXXnews",
        people: [{ role: "from", name: "Axxxx Fxxxxx", address: "xxxx902@citlink.net" }],
      },
    ],
  );
});

test("sender and recipients are read with their SMTP addresses", () => {
  const { messages } = readTnef(corpusFile(join("outlook-tnefparse", "body.tnef")));
  assert.deepEqual(messages[0]?.people, [
    { role: "from", name: "3krelay", address: "" },
    { role: "to", name: "3kuser2", address: "3kuser2@brexchange.dolphinsearch.com" },
  ]);
});

test("files come out as they went in", () => {
  const { messages } = readTnef(corpusFile(join("outlook-tika", "testWINMAIL.dat")));
  const files = messages[0]!.attachments.flatMap((one) => (one.kind === "file" ? [one] : []));
  assert.deepEqual(
    files.map(({ name }) => name),
    ["quick.doc", "quick.html", "quick.pdf", "quick.txt", "quick.xml"],
  );
  assert.ok(String(files[2]!.bytes).startsWith("%PDF-"));
  assert.match(String(files[3]!.bytes), /The quick brown fox jumps over the lazy dog/);
});
