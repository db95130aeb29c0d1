import type { ApiDefinition, Method, Resource } from './api-definition.ts';

/** Where a request leads, with the path's parameters as they stand in it, not decoded. */
export interface Route {
  readonly resource: Resource;
  readonly method: Method;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Row {
  readonly resource: Resource;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

/** The resources of an API, the most specific first. */
export class RouteTable {
  readonly #rows: readonly Row[];

  constructor({ resources }: ApiDefinition) {
    this.#rows = [...resources]
      .sort((a, b) => (rank(a.path) < rank(b.path) ? 1 : -1))
      .map((resource) => ({ resource, ...patternOf(resource.path) }));
  }

  /**
   * The route of a request. The most specific resource counts, even when only a wider one has the
   * method.
   *
   * @param path as sent, without the stage
   */
  find(methodName: string, path: string): Route | undefined {
    const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    for (const { resource, pattern, names } of this.#rows) {
      const match = pattern.exec(plain);
      if (!match) continue;
      const method = resource.methods.get(methodName) ?? resource.methods.get('ANY');
      if (!method) return undefined;
      const parameters = Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? '']));
      return { resource, method, parameters };
    }
    return undefined;
  }
}

/** A fixed part goes before a parameter, a parameter before a greedy one. */
const rank = (path: string): string =>
  path
    .split('/')
    .map((part) => (part.endsWith('+}') ? '0' : part.startsWith('{') ? '1' : '2'))
    .join('');

function patternOf(path: string): { readonly pattern: RegExp; readonly names: readonly string[] } {
  const names: string[] = [];
  const source = path.replaceAll(/\{([^}+]+)(\+?)\}|[.:-]/g, (text, name: string, greedy) => {
    if (name === undefined) return `\\${text}`;
    names.push(name);
    return greedy === '+' ? '(.+)' : '([^/]+)';
  });
  return { pattern: new RegExp(`^${source}$`), names };
}
