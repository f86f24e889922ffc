/** What whoever opens the pack reads first. */
export const readme = (trust: string, made: string): string => `Evidence of Holdfast's logs: ${trust}, ${made}

It names people, devices and records by their ids, and no patient. Times are ISO 8601 in UTC.

verification.json      what was compared, and what is wrong: \`good\`, and for each log up to where it is proved and its problems
clean-point.json       the last state that is known to be as it was written
heads-<log>.json       the signed heads of each log (C2SP checkpoints), with the signatures of witnesses
heads-not-signed.json  what was given out as a head and is none; only where there was such a thing
timeline-0001.jsonl …  who did what: the lines of the three logs in one order. \`leaf\` is what is counted of a line in its log's tree
settings.json          how the program was started, the trust's settings, and each change of them
findings.json          what to ask about before the rest is believed
restore-proof.json     what a restore from the archive brought back; only where it was handed over
program-bom.cdx.json   the packages that the program is made with (CycloneDX 1.6)
program-files.sha256   the program's own files, as sha256sum -c reads them
MANIFEST               the hash and size of each file, signed with the trust's log key (C2SP signed note)

Check it with verifier/holdfast-evidence.mjs from a copy of Holdfast that you have from somebody else than this pack, with the log key
that the trust's officers keep on paper and the key of each witness:

  node holdfast-evidence.mjs PACK --log-key FILE --witness KEY
`;
