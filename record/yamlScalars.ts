import type { ScalarTag } from "yaml";

/*
 * How Pulumi's YAML, gopkg.in/yaml.v3, reads unquoted texts that the core schema of YAML 1.2 reads differently
 * (https://github.com/go-yaml/yaml/blob/v3/resolve.go).
 */

const largest = 2n ** 64n - 1n;

/** Whole numbers, including YAML 1.1's octals and binaries; a bigint if JavaScript could not tell it apart. */
export const integer: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(0x[\da-f_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*)$/i,
  resolve(text) {
    const digits = text.replaceAll("_", "").replace(/^[-+]/, "").toLowerCase();
    const size = BigInt(digits.replace(/^0(?=[0-7]+$)/, "0o"));
    const value = text.startsWith("-") ? -size : size;
    return Number.isSafeInteger(Number(value)) || size > largest ? Number(value) : value;
  },
};

const moment = /^(\d{4})-(\d\d?)-(\d\d?)(?:([Tt ])(\d\d?):(\d\d?):(\d\d?)(\.\d{1,9})?(Z|[-+]\d\d:\d\d)?)?$/;

/** Dates and times: Pulumi passes them on as Go prints them, `2026-11-29 00:00:00 +0000 UTC`. */
export const timestamp: ScalarTag = {
  tag: "tag:yaml.org,2002:timestamp",
  default: true,
  test: moment,
  resolve(text) {
    const [, year, month, day, between, hour = "0", minute = "0", second = "0", fraction = "", zone] =
      moment.exec(text)!;
    // A time has a zone after `T` and none after a space; anything that is not a time stays a text.
    const isForm = between === undefined || (between === " ") === (zone === undefined);
    const padded = [month, day, hour, minute, second].map((part) => part!.padStart(2, "0"));
    const iso = `${year}-${padded[0]}-${padded[1]}T${padded.slice(2).join(":")}`;
    const time = new Date(`${iso}Z`);
    if (!isForm || Number.isNaN(time.valueOf()) || !time.toISOString().startsWith(iso)) return text;
    const isUtc = zone === undefined || /^Z|00:00$/.test(zone);
    const offset = zone?.replace(":", "");
    return `${iso.replace("T", " ")}${fraction.replace(/\.?0*$/, "")} ${isUtc ? "+0000 UTC" : `${offset} ${offset}`}`;
  },
};
