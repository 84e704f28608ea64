// Watches executions with the page's client and writes what comes, a line each: node watcher.mjs <client> <base> <id>...

const [client, base, ...ids] = process.argv.slice(2);
const { LiveSocket } = await import(`${client}/index.js`);
const live = new LiveSocket({ base, firstWait: 50, longestWait: 300 });
for (const id of ids) {
  live.watch(id, {
    after: 0,
    onEvent: (event) => console.log(JSON.stringify(event)),
    onError: (error) => {
      console.error(`${id}: ${error.code}: ${error.message}`);
      process.exit(1);
    },
  });
}
