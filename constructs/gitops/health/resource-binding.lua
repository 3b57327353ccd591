-- Health of a ResourceBinding or ClusterResourceBinding of Karmada (work.karmada.io/v1alpha2): of the copies of one
-- template in the members. A binding that follows another one (propagateDeps) names its clusters in requiredBy only.
local spec = obj.spec or {}
local status = obj.status or {}

local suspension = spec.suspension or {}
if suspension.scheduling or suspension.dispatching then
  return { status = "Suspended", message = "propagation is suspended" }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Scheduled" and condition.status == "False" then
    return { status = "Degraded", message = condition.message or "no cluster fits" }
  end
end

local wanted = {}
local count = 0
local function want(clusters)
  for _, cluster in ipairs(clusters or {}) do
    if not wanted[cluster.name] then
      wanted[cluster.name] = true
      count = count + 1
    end
  end
end
want(spec.clusters)
for _, other in ipairs(spec.requiredBy or {}) do
  want(other.clusters)
end
if count == 0 then
  return { status = "Progressing", message = "waiting to be scheduled" }
end

local applied = 0
for _, item in ipairs(status.aggregatedStatus or {}) do
  if wanted[item.clusterName] then
    if item.health == "Unhealthy" then
      return { status = "Degraded", message = item.clusterName .. ": unhealthy" }
    end
    if item.applied then
      applied = applied + 1
    elseif item.appliedMessage ~= nil and item.appliedMessage ~= "" then
      return { status = "Degraded", message = item.clusterName .. ": " .. item.appliedMessage }
    end
  end
end
if applied < count then
  return { status = "Progressing", message = "in " .. applied .. " of " .. count .. " clusters" }
end
return { status = "Healthy", message = "in " .. count .. " clusters" }
