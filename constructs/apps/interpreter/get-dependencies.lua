local kube = require("kube")

-- What a member needs beside the SpinApp: its executor, and the Secrets, ConfigMaps and ServiceAccount that it names.
function GetDependencies(app)
  local spec = app.spec
  local namespace = app.metadata.namespace
  local pod = {
    spec = {
      containers = { { name = app.metadata.name, env = spec.variables } },
      imagePullSecrets = spec.imagePullSecrets,
      serviceAccountName = spec.serviceAccountName,
      volumes = spec.volumes,
    },
  }
  local dependencies = kube.getPodDependencies(pod, namespace)
  local seen = {}
  for _, dependency in ipairs(dependencies) do
    seen[dependency.kind .. "/" .. dependency.name] = true
  end
  local function add(apiVersion, kind, name)
    if name == nil or name == "" or seen[kind .. "/" .. name] then
      return
    end
    seen[kind .. "/" .. name] = true
    table.insert(dependencies, { apiVersion = apiVersion, kind = kind, name = name, namespace = namespace })
  end

  add("core.spinkube.dev/v1alpha1", "SpinAppExecutor", spec.executor)
  local config = spec.runtimeConfig or {}
  add("v1", "Secret", config.loadFromSecret)
  local function options(store)
    for _, option in ipairs(store.options or {}) do
      local source = option.valueFrom or {}
      add("v1", "Secret", (source.secretKeyRef or {}).name)
      add("v1", "ConfigMap", (source.configMapKeyRef or {}).name)
    end
  end
  for _, store in ipairs(config.sqliteDatabases or {}) do
    options(store)
  end
  for _, store in ipairs(config.keyValueStores or {}) do
    options(store)
  end
  options(config.llmCompute or {})
  return dependencies
end
