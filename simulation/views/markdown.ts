import type { Plan } from '../plan.ts';
import { cell, isShown, nameOf, refusedLines, sharesText } from './text.ts';

/** Members that a table gives a column each; more would be cut off where GitHub shows it. */
const MOST_COLUMNS = 12;

/** Objects that a table has a row for: GitHub shows no file of more than some hundred kilobytes. */
const MOST_ROWS = 500;

/**
 * A plan as a Markdown table, and under it why objects are not where they are not.
 *
 * @param command what a user types for the plan as a whole.
 */
export function planMarkdown(plan: Plan, members: readonly string[], command: string): string {
  const matrix = members.length <= MOST_COLUMNS;
  const head = ['object', 'policy', ...(matrix ? members : ['members'])];
  const placed = plan.placements.filter(isShown);
  const shown = placed.slice(0, MOST_ROWS);
  const rows = shown.map((object) => [
    nameOf(object),
    object.policy?.name ?? '-',
    ...(matrix ? members.map((member) => cell(object, member)) : [sharesText(object)]),
  ]);
  const align = ['---', '---', ...(matrix ? members.map(() => '--:') : ['---'])];
  const text = [head.map(literal), align, ...rows.map((row) => row.map(literal))].map(
    (row) => `| ${row.join(' | ')} |`,
  );
  if (placed.length > shown.length)
    text.push('', `${placed.length - shown.length} more objects: \`${command}\` shows all.`);
  const problems = shown.flatMap((object) => [
    ...(object.unplaced === undefined ? [] : [`${nameOf(object)}: ${object.unplaced}`]),
    ...object.errors.map(({ message }) => `${nameOf(object)}: ${message}`),
  ]);
  if (problems.length > 0) text.push('', ...problems.map((line) => `- ${literal(line)}`));
  const refused = matrix ? shown.flatMap(refusedLines) : [];
  if (refused.length > 0) {
    text.push('', '<details><summary>Why not elsewhere</summary>', '');
    text.push(...refused.map((line) => (line.startsWith('  ') ? `  - ${literal(line.trim())}` : `- ${literal(line)}`)));
    text.push('', '</details>');
  }
  return `${text.join('\n')}\n`;
}

/** A text as Markdown shows it to the letter. */
export function literal(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&').replaceAll('\n', ' ');
}
