import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { ApiDefinition } from './api-definition.ts';
import { RouteTable } from './route-table.ts';

/** A deployed state of an API. */
export interface Stage {
  readonly apiId: string;
  readonly name: string;
  readonly deploymentId: string;
  /** Where a line for each request goes, when it goes somewhere. */
  readonly accessLog?: { readonly group: string; readonly format: string };
}

/** A stage that serves a request, and the request's path without it. */
export interface Place {
  readonly stage: Stage;
  readonly routes: RouteTable;
  readonly path: string;
}

/** The REST APIs of the template and their stages. */
export class ApiTable {
  readonly #routes = new Map<string, RouteTable>();
  /** By name: the names are the first part of a path. */
  readonly #stages = new Map<string, Stage>();

  put(api: ApiDefinition): void {
    this.#routes.set(api.id, new RouteTable(api));
  }

  has(apiId: string): boolean {
    return this.#routes.has(apiId);
  }

  remove(apiId: string): void {
    this.#routes.delete(apiId);
    for (const { apiId: owner, name } of this.#stages.values()) {
      if (owner === apiId) this.#stages.delete(name);
    }
  }

  /** @throws AwsError NotFoundException, or `NotServedLocally` for a name that another API has */
  putStage(stage: Stage): void {
    if (!this.has(stage.apiId)) {
      throw new AwsError('NotFoundException', 'Invalid API identifier specified', 404);
    }
    const known = this.#stages.get(stage.name);
    if (known && known.apiId !== stage.apiId) {
      throw notServed(`two APIs with a stage named ${stage.name}`);
    }
    this.#stages.set(stage.name, stage);
  }

  removeStage(name: string): void {
    this.#stages.delete(name);
  }

  /** The stage that a path begins with; else the only one, as behind a custom domain. */
  find(path: string): Place | undefined {
    const [, name = ''] = path.split('/', 2);
    const named = this.#stages.get(name);
    if (named) return this.#place(named, path.slice(name.length + 1) || '/');
    const [only] = this.#stages.values();
    return only && this.#stages.size === 1 ? this.#place(only, path) : undefined;
  }

  #place(stage: Stage, path: string): Place | undefined {
    const routes = this.#routes.get(stage.apiId);
    return routes && { stage, routes, path };
  }
}
