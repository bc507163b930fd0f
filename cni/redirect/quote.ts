const LONGEST = 64;

/**
 * Text from a pod for a message: in double quotes, on one line, cut at 64 characters.
 *
 * An annotation can hold 256 KiB and anything that Unicode has, and the message ends up in an Event.
 */
export function quote(text: string): string {
  return JSON.stringify(clip(text).toWellFormed()).replaceAll(
    /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu,
    (invisible) => `\\u{${invisible.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/** The first 64 characters. */
export function clip(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
