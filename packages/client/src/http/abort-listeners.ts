interface Waiting {
  readonly actions: Set<() => void>;
  readonly listener: () => void;
}

const WAITING = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `action` when the signal is aborted; the returned function prevents it. However many calls wait for one signal, it has one
 * listener: Node.js warns of a leak from the eleventh on.
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const waiting = WAITING.get(signal) ?? listenTo(signal);
  waiting.actions.add(action);
  return () => {
    waiting.actions.delete(action);
    if (waiting.actions.size > 0 || WAITING.get(signal) !== waiting) return;
    signal.removeEventListener("abort", waiting.listener);
    WAITING.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const actions = new Set<() => void>();
  const listener = (): void => {
    WAITING.delete(signal);
    for (const action of actions) action();
  };
  const waiting = { actions, listener };
  signal.addEventListener("abort", listener, { once: true });
  WAITING.set(signal, waiting);
  return waiting;
}
