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
  const cell = button.closest<HTMLTableCellElement>('th, td');
  const row = button.closest('tr');
  if (cell === null || row === null) return;
  const rows = [...table.rows];
  const here = buttonsIn(row);
  const beside = (step: number) => here[here.indexOf(button) + step];
  /** The same button of the same column, in the first of these rows that has one. */
  const inColumn = (others: readonly HTMLTableRowElement[]) => {
    const buttons =
      others.map((other) => buttonsIn(other.cells[cell.cellIndex])).find(({ length }) => length > 0) ?? [];
    return buttons[Math.min(buttonsIn(cell).indexOf(button), buttons.length - 1)];
  };
  const moves: Readonly<Record<string, () => HTMLButtonElement | undefined>> = {
    ArrowLeft: () => beside(-1),
    ArrowRight: () => beside(1),
    ArrowUp: () => inColumn(rows.slice(0, rows.indexOf(row)).reverse()),
    ArrowDown: () => inColumn(rows.slice(rows.indexOf(row) + 1)),
    Home: () => (event.ctrlKey ? buttonsIn(table)[0] : here[0]),
    End: () => (event.ctrlKey ? buttonsIn(table).at(-1) : here.at(-1)),
  };
  const next = moves[event.key]?.();
  if (next === undefined) return;
  event.preventDefault();
  for (const stop of table.querySelectorAll('button[tabindex="0"]')) stop.setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
}

function buttonsIn(part: HTMLElement | undefined): HTMLButtonElement[] {
  return [...(part?.querySelectorAll('button') ?? [])];
}
