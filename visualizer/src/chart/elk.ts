import type { ElkNode } from 'elkjs/lib/elk-api';
import ELK from 'elkjs/lib/elk-api';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';

/** Runs elk in a worker, so that the page stays responsive. Rejects if the worker cannot be loaded, since elk would wait forever. */
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
