-- A copy is healthy when the operator calls it available and all of its replicas are ready.
function InterpretHealth(app)
  if app.status == nil then
    return false
  end
  local available = false
  for _, condition in ipairs(app.status.conditions or {}) do
    if condition.type == "Available" then
      available = condition.status == "True"
    end
  end
  if app.spec.enableAutoscaling then
    return available
  end
  return available and (app.status.readyReplicas or 0) >= (app.spec.replicas or 0)
end
