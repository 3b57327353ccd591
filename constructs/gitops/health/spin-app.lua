-- Health of a SpinApp (core.spinkube.dev/v1alpha1), on a cluster that runs it or as a template of Karmada, whose status
-- sums up the members and has no conditions.
if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "is being deleted" }
end
local status = obj.status or {}
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Progressing" and condition.status == "False" then
    return { status = "Degraded", message = condition.message or condition.reason or "the rollout does not go on" }
  end
end

-- With autoscaling the autoscaler says how many there shall be: one shows that the app runs.
local wanted = obj.spec.replicas or 1
if obj.spec.enableAutoscaling then
  wanted = 1
end
local ready = status.readyReplicas or 0
if ready < wanted then
  return { status = "Progressing", message = ready .. " of " .. wanted .. " replicas are ready" }
end
return { status = "Healthy", message = ready .. " replicas are ready" }
