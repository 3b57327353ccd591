import { createHash } from 'node:crypto';
import type { PageData } from '../../page/data.ts';
import type { Bundle } from './bundle.ts';

/** By what a page is known for one. */
export const GENERATOR = '<meta name="generator" content="serverless-federation">';

/**
 * The page as one file, which needs nothing from outside: data, program and style are in it. Its policy lets a browser
 * run that program and no other, use that style, and ask nobody for anything: a live one asks its own server alone.
 */
export function pageHtml(data: PageData, { script, style }: Bundle): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    // Its own server, where it has one that tells how the federation is.
    ...(data.live === undefined ? [] : ["connect-src 'self'"]),
    // The icon, which is none: a browser would ask for one.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    // Text never becomes markup, whatever the program does.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
${GENERATOR}
<title>${escaped(data.name)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This page computes where everything runs, for which it needs JavaScript.</noscript></div>
<script type="application/json" id="data">${json(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Data that no name in it can end early. */
function json(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
