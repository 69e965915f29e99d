// Returns a function that tells whether a path is open to everyone. `paths` is separated by white space. A path that ends with
// a slash also covers everything below it, except for "/", which is only the front page.
export function openPaths(paths) {
  const open = paths.split(/\s+/).filter(Boolean);
  for (const path of open) {
    const isPath = path.startsWith("/") && isUnambiguous(path) && new URL(`http://gate${path}`).pathname === path;
    if (!isPath) throw new Error(`${path} is not a path such as /static/`);
  }
  const isOpenBy = (path, pathname) => pathname === path || (path !== "/" && path.endsWith("/") && pathname.startsWith(path));
  return (pathname) => isUnambiguous(pathname) && open.some((path) => isOpenBy(path, pathname));
}

// `pathname` comes from `URL`, which has resolved `..` and `%2e%2e`. What another server might still resolve or decode to some
// other path is not open: encoded slashes and dots, backslashes, empty segments, path parameters, control characters.
function isUnambiguous(pathname) {
  try {
    return !/[%\\;\p{Cc}]|\/\/|\/\.{1,2}(\/|$)/u.test(decodeURIComponent(pathname));
  } catch {
    return false; // malformed percent-encoding
  }
}
