local kube = require("kube")

-- How many replicas a SpinApp wants, and what each of them needs. Where autoscalers on the members set the replicas,
-- there are none to divide.
function GetReplicas(app)
  local pod = { spec = { containers = { { name = app.metadata.name, resources = app.spec.resources } } } }
  local replicas = app.spec.replicas
  if replicas == nil or app.spec.enableAutoscaling then
    replicas = 0
  end
  return replicas, kube.accuratePodRequirements(pod)
end
