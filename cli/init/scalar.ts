/** A text as YAML that reads as this text alone, in quotes only where it needs them. */
export function stringifyScalar(text: string): string {
  const plain =
    /^[A-Za-z][A-Za-z0-9._/-]*(:\/\/[A-Za-z0-9._:/-]+)?$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
