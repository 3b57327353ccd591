/** Keys of a grid: the Tab key stops in it once, arrows move between its buttons. */

/** Lets the Tab key stop at one button of a grid. */
export function oneTabStop(table: HTMLTableElement | null): void {
  if (table === null || table.querySelector('button[tabindex="0"]')) return;
  table.querySelector('button')?.setAttribute('tabindex', '0');
}

/** Moves the focus as a key says. */
export function moveFocus(event: KeyboardEvent): void {
  const button = event.target;
  const table = event.currentTarget;
  if (!(button instanceof HTMLButtonElement) || !(table instanceof HTMLTableElement)) return;
  const rows = [...table.rows];
  const row = rows.findIndex((candidate) => candidate.contains(button));
  const here = buttonsIn(rows[row]);
  const at = here.indexOf(button);
  // Rows may have two buttons in their first cell: a column is counted from the end.
  const inColumn = (candidates: readonly HTMLButtonElement[]) =>
    candidates[Math.max(0, candidates.length - (here.length - at))];
  const moves: Readonly<Record<string, () => HTMLButtonElement | undefined>> = {
    ArrowLeft: () => here[at - 1],
    ArrowRight: () => here[at + 1],
    Home: () => (event.ctrlKey ? rows.flatMap(buttonsIn)[0] : here[0]),
    End: () => (event.ctrlKey ? rows.flatMap(buttonsIn).at(-1) : here.at(-1)),
    ArrowUp: () => inColumn(rows.slice(0, row).map(buttonsIn).findLast(isFilled) ?? []),
    ArrowDown: () =>
      inColumn(
        rows
          .slice(row + 1)
          .map(buttonsIn)
          .find(isFilled) ?? [],
      ),
  };
  const next = moves[event.key]?.();
  if (next === undefined) return;
  event.preventDefault();
  for (const stop of table.querySelectorAll('button[tabindex="0"]')) stop.setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
}

function buttonsIn(row: HTMLTableRowElement | undefined): HTMLButtonElement[] {
  return [...(row?.querySelectorAll('button') ?? [])];
}

function isFilled(buttons: readonly HTMLButtonElement[]): boolean {
  return buttons.length > 0;
}
