# A module system that is small enough to be read, with the rules that generated modules rely on:
# sets are joined, lists put behind one another in their order, texts of several lines put below one
# another, priorities and conditions obeyed, and two different values of one option are an error.
# Conditions decide on values, never on which names there are, so that they may ask the configuration
# which they are part of. What kind of option it is says a table: names, and the manual's words for
# their types under `_type`.
{ lib, table }:

let
  inherit (builtins)
    attrNames
    concatMap
    filter
    foldl'
    head
    isAttrs
    isFunction
    isList
    isPath
    isString
    length
    listToAttrs
    match
    map
    mapAttrs
    removeAttrs
    sort
    toJSON
    ;
  nothing = {
    _type = "nothing";
  };
  reversed = foldl' (found: each: [ each ] ++ found) [ ];
  isNothing = value: isAttrs value && (value._type or null) == "nothing";
  isPlain = value: isAttrs value && !(value ? _type) && !(value ? outPath);
  call =
    args: module:
    let
      value = if isPath module || isString module then import module else module;
    in
    if isFunction value then value args else value;
  # All modules that a module takes in.
  collect =
    args: module:
    let
      value = call args module;
      whole = value ? config || value ? options;
    in
    [
      {
        config = if whole then value.config or { } else removeAttrs value [ "imports" ];
        options = value.options or { };
      }
    ]
    ++ concatMap (collect args) (value.imports or [ ]);
  # What stands inside of conditions and priorities: { conditions; priority; order; value; } each.
  peel =
    definition:
    let
      inherit (definition) value;
    in
    if !(isAttrs value && value ? _type) then
      [ definition ]
    else if value._type == "if" then
      peel (
        definition
        // {
          value = value.content;
          conditions = definition.conditions ++ [ value.condition ];
        }
      )
    else if value._type == "merge" then
      concatMap (each: peel (definition // { value = each; })) value.contents
    else if value._type == "override" then
      peel (
        definition
        // {
          inherit (value) priority;
          value = value.content;
        }
      )
    else if value._type == "order" then
      peel (
        definition
        // {
          order = value.priority;
          value = value.content;
        }
      )
    else
      [ definition ];
  # The type at a path, in the manual's words, and how many submodules it is in.
  optionAt =
    path:
    let
      step =
        at: name:
        let
          inherit (at) node depth;
        in
        if node ? ${name} then
          {
            node = node.${name};
            inherit depth;
          }
        else if node ? _name_ then
          {
            node = node._name_;
            depth = depth + 1;
          }
        else if match ".*systemd option.*" (node._type or "") != null then
          {
            node._type = "systemd option";
            inherit depth;
          }
        else
          {
            node = { };
            inherit depth;
          };
    in
    foldl' step {
      node = table;
      depth = 0;
    } path;
  typeAt = path: (optionAt path).node._type or "";
  isEven = number: number == number / 2 * 2;
  isOf = words: path: match ".*${words}.*" (typeAt path) != null;
  merge =
    path: definitions:
    if lib.all (d: isPlain d.value) definitions then
      mergeSets path definitions
    else
      mergeValues path (filter (d: lib.all (condition: condition) d.conditions) definitions);
  mergeValues =
    path: definitions:
    let
      lowest = foldl' (a: d: if d.priority < a then d.priority else a) 10000 definitions;
      # nixpkgs puts what came last first, and again within each submodule.
      highest = filter (d: d.priority == lowest) definitions;
      own = if isEven (optionAt path).depth then reversed highest else highest;
      inOrder = sort (a: b: a.order < b.order) own;
      values = map (d: d.value) inOrder;
      first = head values;
    in
    if definitions == [ ] then
      nothing
    else if lib.all isList values then
      builtins.concatLists values
    else if isOf "systemd option" path && lib.any isList values then
      concatMap (value: if isList value then value else [ value ]) values
    else if isOf "strings concatenated" path && lib.all isString values then
      lib.concatStringsSep "\n" values
    else if length values == 1 || lib.all (v: toJSON v == toJSON first) values then
      first
    else
      throw "${lib.concatStringsSep "." path} is set to ${toJSON values}";
  mergeSets =
    path: definitions:
    let
      names = attrNames (foldl' (a: d: a // d.value) { } definitions);
      of =
        name:
        concatMap (
          d: if d.value ? ${name} then peel (d // { value = d.value.${name}; }) else [ ]
        ) definitions;
    in
    listToAttrs (
      map (name: {
        inherit name;
        value = merge (path ++ [ name ]) (of name);
      }) names
    );
  defaults = lib.mapAttrs (
    _: option: if option ? _type then option.default or nothing else defaults option
  );
  # With what a submodule's options come to where nobody sets them.
  filled =
    options: set:
    mapAttrs (
      name: value:
      let
        option = options.${name} or { };
      in
      if option ? _type then
        if isAttrs (option.type or null) && option.type ? each.options then
          mapAttrs (_: each: over (defaults option.type.each.options) each) value
        else
          value
      else if isPlain value then
        filled option value
      else
        value
    ) set;
  over =
    below: above:
    below
    // mapAttrs (
      name: value:
      if isNothing value then
        below.${name} or nothing
      else if isPlain value && isPlain (below.${name} or null) then
        over below.${name} value
      else
        value
    ) above;
  # Without what no condition let through.
  strip =
    value:
    if isPlain value then
      listToAttrs (
        filter (pair: !(isNothing pair.value)) (
          map (name: {
            inherit name;
            value = strip value.${name};
          }) (attrNames value)
        )
      )
    else
      value;
in
{
  # What modules set, and the configuration that they see: below it is what only NixOS knows.
  evaluate =
    {
      modules,
      known,
      args,
    }:
    let
      all = concatMap (collect (args // { inherit config lib; })) modules;
      options = foldl' lib.recursiveUpdate { } (map (m: m.options) all);
      set = mergeSets [ ] (
        concatMap (
          m:
          peel {
            value = m.config;
            conditions = [ ];
            priority = 100;
            order = 1000;
          }
        ) all
      );
      made = filled options (over (over known (defaults options)) set);
      placed = at: mapAttrs (name: each: { path = "${at}${name}"; } // each);
      config = made // {
        age.secrets = placed "/run/agenix/" (set.age.secrets or { });
        sops = {
          secrets = placed "/run/secrets/" (set.sops.secrets or { });
          templates = placed "/run/secrets/rendered/" (set.sops.templates or { });
          placeholder = mapAttrs (name: _: "<${name}>") (set.sops.secrets or { });
        };
      };
    in
    {
      inherit config;
      set = strip set;
    };
}
