/** Image references as Karmada takes them apart: pkg/util/imageparser, github.com/distribution/reference. */
import type { ImageOverrider } from '../karmada.ts';
import { PatchError } from './json-patch.ts';

export const IMAGE_TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
export const IMAGE_NAME = `(?:${HOST}/)?${PART}(?:/${PART})*`;
const REFERENCE = new RegExp(`^(${IMAGE_NAME})(?::(${IMAGE_TAG}))?(?:@(${DIGEST}))?$`);
const WHOLE_TAG = new RegExp(`^${IMAGE_TAG}$`);
const WHOLE_DIGEST = new RegExp(`^${DIGEST}$`);
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

interface Image {
  readonly hostname: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** The image once an overrider has changed one component of it. Of `name:tag@digest` Karmada drops the digest. */
export function overrideImage(image: string, { component, operator, value = '' }: ImageOverrider): string {
  const parsed = parseImage(image);
  const change = (old: string) =>
    operator === 'add' ? old + value : operator === 'replace' ? value : operator === 'remove' ? '' : old;
  switch (component) {
    case 'Registry':
      return textOf({ ...parsed, hostname: change(parsed.hostname) });
    case 'Repository':
      return textOf({ ...parsed, repository: change(parsed.repository) });
    case 'Tag':
      return textOf(withTag(parsed, operator, change(parsed.tag || parsed.digest)));
    default:
      throw new PatchError(`unknown image component ${JSON.stringify(component)}`);
  }
}

/** Whether a text is a reference that an image can be pulled by. */
export function isImage(text: string): boolean {
  try {
    parseImage(text);
    return true;
  } catch {
    return false;
  }
}

function parseImage(image: string): Image {
  const match = REFERENCE.exec(image);
  if (match === null) throw new PatchError(`the image ${JSON.stringify(image)} is no valid reference`);
  const [, name = '', tag = '', digest = ''] = match;
  const [algorithm = '', hash = ''] = digest.split(':');
  if (digest !== '' && (DIGEST_LENGTHS[algorithm] !== hash.length || hash !== hash.toLowerCase())) {
    throw new PatchError(`the image ${JSON.stringify(image)} has no valid digest`);
  }
  return { ...splitHostname(name), tag, digest: tag === '' ? digest : '' };
}

/** The first part is a host when it has a dot or a port, or is `localhost`. */
function splitHostname(name: string): Pick<Image, 'hostname' | 'repository'> {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first);
  return isHost ? { hostname: first, repository: name.slice(slash + 1) } : { hostname: '', repository: name };
}

/** What is neither a tag nor a digest changes nothing. */
function withTag(image: Image, operator: string, value: string): Image {
  if (operator === 'remove') return { ...image, tag: '', digest: '' };
  if (WHOLE_TAG.test(value)) return { ...image, tag: value, digest: '' };
  if (WHOLE_DIGEST.test(value)) return { ...image, tag: '', digest: value };
  return image;
}

function textOf({ hostname, repository, tag, digest }: Image): string {
  const name = hostname === '' ? repository : `${hostname}/${repository}`;
  if (tag !== '') return `${name}:${tag}`;
  return digest === '' ? name : `${name}@${digest}`;
}
