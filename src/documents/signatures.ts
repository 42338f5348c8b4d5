/** First bytes of kinds of files: a container that is looked into, or the name of a foreign kind. */
export type Signature = {
  readonly magic: Buffer;
  readonly offset?: number;
  readonly found: string;
  /** Made of letters only, so that a text might begin with it. */
  readonly isWord?: boolean;
};

const text = (magic: string, found: string, offset = 0): Signature => ({
  magic: Buffer.from(magic, "latin1"),
  found,
  offset,
  isWord: /^[\w ]+$/.test(magic),
});

/** Checked in order. Labels follow "The file is …". */
export const signatures: readonly Signature[] = [
  text("%PDF-", "pdf"),
  text("PK\x03\x04", "zip"),
  text("PK\x05\x06", "zip"),
  text("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
  text("{\\rtf", "rtf"),
  text("MZ", "a Windows program"),
  text("\x7fELF", "a program"),
  text("\xfe\xed\xfa\xce", "a program"),
  text("\xfe\xed\xfa\xcf", "a program"),
  text("\xcf\xfa\xed\xfe", "a program"),
  text("\xca\xfe\xba\xbe", "a program"),
  text("\0asm", "a WebAssembly program"),
  text("\x89PNG\r\n", "a PNG image"),
  text("\xff\xd8\xff", "a JPEG image"),
  text("GIF8", "a GIF image"),
  text("BM", "a bitmap image"),
  text("II*\0", "a TIFF image"),
  text("MM\0*", "a TIFF image"),
  text("RIFF", "an audio, video or image file"),
  text("ID3", "an audio file"),
  text("OggS", "an audio or video file"),
  text("fLaC", "an audio file"),
  text("ftyp", "a video or image file", 4),
  text("\x1aE\xdf\xa3", "a video file"),
  text("\x1f\x8b", "a gzip archive"),
  text("BZh", "a bzip2 archive"),
  text("\xfd7zXZ\0", "an xz archive"),
  text("7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
  text("Rar!\x1a\x07", "a RAR archive"),
  text("(\xb5/\xfd", "a Zstandard archive"),
  text("ustar", "a tar archive", 257),
  text("SQLite format 3\0", "a database"),
  text("wOF", "a font"),
];
