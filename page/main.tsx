import { render } from 'preact';
import { App } from './app.tsx';
import type { PageData } from './data.ts';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as PageData;
render(<App data={data} />, document.getElementById('page') ?? document.body);
