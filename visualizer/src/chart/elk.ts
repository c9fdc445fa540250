import type { ElkNode } from 'elkjs/lib/elk-api';
import ELK from 'elkjs/lib/elk-api';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';

/** Asks elk in a worker of its own, so that the page goes on meanwhile. Rejects where the worker cannot be loaded: elk would wait for ever. */
export async function layOut(graph: ElkNode): Promise<ElkNode> {
  const worker = new Worker(workerUrl);
  const failed = new Promise<never>((_resolve, reject) => {
    worker.addEventListener('error', () => reject(new Error('the layout worker could not be loaded')));
  });
  try {
    return await Promise.race([new ELK({ workerFactory: () => worker }).layout(graph), failed]);
  } finally {
    worker.terminate();
  }
}
