'use strict';
/*
 * The program of a function's process: what AWS's own nodejs runtime is on Lambda. It loads the
 * handler and speaks the Lambda Runtime API, one invocation after another. Plain JavaScript, so that
 * it starts without a compiler. Its one argument is the folder of the compile cache.
 */
const { enableCompileCache, flushCompileCache, Module, createRequire } = require('node:module');
enableCompileCache(process.argv.pop());
const { Agent, request } = require('node:http');
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join, resolve, sep } = require('node:path');
const { pathToFileURL } = require('node:url');
const { format } = require('node:util');

const environment = process.env;
const taskRoot = environment.LAMBDA_TASK_ROOT;
const [authority, secret] = environment.AWS_LAMBDA_RUNTIME_API.split('/');
const [host, port] = authority.split(':');
const agent = new Agent({ keepAlive: true });
/** The invocation at hand. */
let current;
let isLoaded = false;

// The supervisor holds the other end of stdin: when it dies, so does this process.
process.stdin.on('error', () => process.exit(0)).on('close', () => process.exit(0));
process.stdin.resume();
process.stdin.unref();

/** Asks the Runtime API; ends the process when the API is gone. */
function call(method, path, body, headers = {}) {
  return new Promise((done) => {
    const outgoing = request(
      {
        agent,
        host,
        port,
        method,
        path: `/${secret}/2018-06-01/runtime/${path}`,
        headers:
          body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk) => (text += chunk));
        incoming.on('end', () => done({ headers: incoming.headers, text }));
        incoming.on('error', () => process.exit(0));
      },
    );
    outgoing.on('error', () => process.exit(0));
    outgoing.end(body);
  });
}

/** An error as Lambda shows it to the caller. */
function describe(error, type) {
  if (error instanceof Error || Object.prototype.toString.call(error) === '[object Error]') {
    return {
      errorType: type ?? error.name ?? 'Error',
      errorMessage: error.message,
      trace: String(error.stack ?? '').split('\n'),
    };
  }
  return { errorType: type ?? typeof error, errorMessage: String(error), trace: [] };
}

function line(level, message) {
  const text = message.replaceAll('\n', '\r');
  const id = current?.id ?? 'undefined';
  process.stdout.write(`${new Date().toISOString()}\t${id}\t${level}\t${text}\n`);
}

const LEVELS = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
for (const [method, level] of Object.entries({ ...LEVELS, trace: 'TRACE' })) {
  console[method] = (...values) => line(level, format(...values));
}

/** Tells the Runtime API of an error that ends this process. */
async function endWith(failure, exitCode) {
  const body = JSON.stringify(failure);
  const headers = { 'lambda-runtime-function-error-type': failure.errorType };
  line('ERROR', `${current ? 'Invoke Error' : 'Init Error'} \t${body}`);
  const path = current ? `invocation/${current.id}/error` : 'init/error';
  // Between two invocations there is nobody to tell.
  if (!current && isLoaded) process.exit(exitCode);
  current = undefined;
  await call('POST', path, body, headers);
  process.exit(exitCode);
}

process.on('uncaughtException', (error) => void endWith(describe(error), 129));
process.on('unhandledRejection', (reason) => {
  const failure = describe(reason);
  void endWith(
    {
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: reason instanceof Error ? reason.toString() : String(reason),
      trace: failure.trace,
    },
    128,
  );
});

/** Nothing outside the code folder can be required, as on Lambda, wherever that folder lies. */
function confineRequire() {
  const all = Module._nodeModulePaths;
  Module._nodeModulePaths = (from) => all(from).filter((path) => path.startsWith(taskRoot + sep));
}

async function load(path) {
  const file = ['', '.js', '.mjs', '.cjs'].map((ending) => path + ending).find(existsSync);
  if (file === undefined) {
    const error = new Error(`Cannot find module '${path.slice(taskRoot.length + 1)}'`);
    throw Object.assign(error, { code: 'MODULE_NOT_FOUND' });
  }
  const packageFile = join(dirname(file), 'package.json');
  const isModule =
    file.endsWith('.mjs') ||
    (file.endsWith('.js') &&
      existsSync(packageFile) &&
      JSON.parse(readFileSync(packageFile, 'utf8')).type === 'module');
  return isModule ? import(pathToFileURL(file).href) : createRequire(file)(file);
}

async function loadHandler() {
  const [, modulePath, exportPath] = /^(.*?)\.([^/]*)$/.exec(environment._HANDLER) ?? [];
  if (modulePath === undefined) {
    const errorMessage = `Bad handler ${environment._HANDLER}`;
    return { failure: { errorType: 'Runtime.MalformedHandlerName', errorMessage, trace: [] } };
  }
  let module;
  try {
    module = await load(resolve(taskRoot, modulePath));
  } catch (error) {
    if (error instanceof SyntaxError) {
      return { failure: describe(error, 'Runtime.UserCodeSyntaxError') };
    }
    const isMissing = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error?.code);
    if (!isMissing) return { failure: describe(error) };
    const failure = describe(error, 'Runtime.ImportModuleError');
    return { failure: { ...failure, errorMessage: `Error: ${failure.errorMessage}` } };
  }
  const handler = exportPath.split('.').reduce((value, name) => value?.[name], module);
  if (typeof handler === 'function') return { handler };
  const errorMessage = `${environment._HANDLER} is undefined or not exported`;
  return { failure: { errorType: 'Runtime.HandlerNotFound', errorMessage, trace: [] } };
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const clientContext = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function answer(handler, event, context) {
  try {
    const result = await handler(event, context);
    const body = result === undefined ? 'null' : JSON.stringify(result);
    return { path: 'response', body: body ?? 'null', headers: {} };
  } catch (error) {
    const failure = describe(error);
    const body = JSON.stringify(failure);
    line('ERROR', `Invoke Error \t${body}`);
    const headers = { 'lambda-runtime-function-error-type': failure.errorType };
    return { path: 'error', body, headers };
  }
}

async function serve(handler) {
  for (let isFirst = true; ; isFirst = false) {
    const { headers, text } = await call('GET', 'invocation/next');
    const id = headers['lambda-runtime-aws-request-id'];
    current = { id };
    environment._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    const {
      path,
      body,
      headers: more,
    } = await answer(handler, JSON.parse(text), contextOf(headers));
    current = undefined;
    await call('POST', `invocation/${id}/${path}`, body, more);
    // Once, so that a process that is killed later has left its compiled code behind.
    if (isFirst) setImmediate(flushCompileCache);
  }
}

async function main() {
  confineRequire();
  const { handler, failure } = await loadHandler();
  if (failure) await endWith(failure, 1);
  else {
    isLoaded = true;
    await serve(handler);
  }
}

void main();
