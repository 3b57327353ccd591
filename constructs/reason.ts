/** What the operating system has against a file, such as `permission denied`; the message of any other error. */
export function reasonOf(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  // Node.js writes "EACCES: permission denied, mkdir '…'"; code and path are of no use beside a name that the user knows.
  return code === undefined || syscall === undefined
    ? message
    : (message.slice(code.length + 2).split(', ')[0] ?? message);
}
