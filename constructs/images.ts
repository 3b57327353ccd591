/**
 * An image as a mirror holds it: the registry is another, path and tag are the same.
 *
 * @param registry the mirror, without scheme: `registry.example.com:5000/mirror`. Without one the image stays as it is.
 */
export function mirrored(image: string, registry?: string): string {
  if (registry === undefined) return image;
  const [first = '', ...path] = image.split('/');
  // As container runtimes tell a registry from a path (github.com/distribution/reference).
  const hasRegistry = path.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return `${registry}/${hasRegistry ? path.join('/') : image}`;
}
