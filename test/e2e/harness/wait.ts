export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export interface Patience {
  /** Seconds until it gives up. @default 180, for machines that are busy */
  readonly seconds?: number;
  /** Seconds between two looks. @default 0.25 */
  readonly every?: number;
  /** Anything that makes further waiting pointless; it throws. @default - nothing does */
  readonly unless?: () => void;
  /** Whether it may go on after this error of the probe. @default - after any */
  readonly despite?: (error: unknown) => boolean;
}

/**
 * Waits until `probe` gives something truthy, and returns that. A probe that throws is tried again.
 * The error of a wait that ends in vain says what it waited for, and what the last probe said.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  patience: Patience = {},
): Promise<T> {
  const { seconds = 180, every = 0.25, unless, despite } = patience;
  const end = Date.now() + seconds * 1000;
  let last = 'it was not so';
  for (;;) {
    unless?.();
    try {
      const result = await probe();
      if (result) return result;
      last = 'it was not so';
    } catch (error) {
      if (despite && !despite(error)) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() >= end) throw new Error(`waited ${seconds} s for ${what}; at last: ${last}`);
    await sleep(every * 1000);
  }
}
