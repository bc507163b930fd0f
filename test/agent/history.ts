import { type PodChanges, v1Pod } from '../support/pod.ts';

/** A v1 Pod as it is stored. */
export interface V1Object {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string | undefined;
    readonly resourceVersion: string;
  };
  readonly spec: { readonly nodeName: string };
}

export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: V1Object;
}

/** The pods of a cluster, and how they came to be. */
export class History {
  readonly #events: StoredEvent[] = [];
  readonly #pods = new Map<string, V1Object>();
  readonly #listeners = new Set<(event: StoredEvent) => void>();
  #version = 100;
  compactedTo = 0;
  goneBy: 'status' | 'event' = 'event';

  version(): string {
    return String(this.#version);
  }

  /** Creates or changes the pod of this namespace and name. */
  set(changes: PodChanges = {}, nodeName = 'n1'): V1Object {
    this.#version += 1;
    const pod = v1Pod(changes);
    const metadata = { ...pod.metadata, resourceVersion: this.version() };
    const object = { ...pod, metadata, spec: { ...pod.spec, nodeName } };
    const key = `${metadata.namespace}/${metadata.name}`;
    this.#tell({ type: this.#pods.has(key) ? 'MODIFIED' : 'ADDED', object });
    this.#pods.set(key, object);
    return object;
  }

  remove(namespace: string, name: string): void {
    this.#version += 1;
    const pod = this.find(namespace, name);
    if (!pod) throw new RangeError(`cannot remove pod ${namespace}/${name}: there is none`);
    this.#pods.delete(`${namespace}/${name}`);
    const metadata = { ...pod.metadata, resourceVersion: this.version() };
    this.#tell({ type: 'DELETED', object: { ...pod, metadata } });
  }

  /** Forgets how it came to be, as etcd does after some minutes. */
  compact(): void {
    this.#version += 1;
    this.compactedTo = this.#version;
  }

  find(namespace = '', name = ''): V1Object | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  list(nodeName: string | undefined): unknown {
    const items = [...this.#pods.values()].filter(({ spec }) => spec.nodeName === nodeName);
    return { kind: 'PodList', metadata: { resourceVersion: this.version() }, items };
  }

  /** Tells all that came after a version, and all that comes. */
  follow(from: number, listener: (event: StoredEvent) => void): () => void {
    const missed = this.#events.filter(
      ({ object }) => Number(object.metadata.resourceVersion) > from,
    );
    for (const event of missed) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: StoredEvent): void {
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}
