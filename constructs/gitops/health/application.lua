-- Health of an Application, which Argo CD does not know by itself since 1.8: without it, a sync of Applications does not
-- wait for one wave before the next.
local annotations = obj.metadata.annotations or {}
if annotations["serverless-federation.io/waited-for"] == "false" then
  -- Nothing comes after it, and an edge cluster that is off must not hold up the sync of the others. How it fares is to
  -- be seen on itself.
  return { status = "Healthy", message = "is not waited for" }
end
local health = (obj.status or {}).health or {}
return { status = health.status or "Progressing", message = health.message or "" }
