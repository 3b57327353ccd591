-- One status out of those of the members: ready replicas add up; of each condition the first that is not True counts,
-- else the first.
function AggregateStatus(app, items)
  local status = { readyReplicas = 0 }
  local types, conditions = {}, {}
  for _, item in ipairs(items or {}) do
    local member = item.status or {}
    status.readyReplicas = status.readyReplicas + (member.readyReplicas or 0)
    status.activeScheduler = status.activeScheduler or member.activeScheduler
    status.deploymentName = status.deploymentName or member.deploymentName
    status.serviceName = status.serviceName or member.serviceName
    for _, condition in ipairs(member.conditions or {}) do
      local known = conditions[condition.type]
      if known == nil then
        table.insert(types, condition.type)
      end
      if known == nil or (known.status == "True" and condition.status ~= "True") then
        conditions[condition.type] = condition
      end
    end
  end
  if #types > 0 then
    status.conditions = {}
    for _, name in ipairs(types) do
      table.insert(status.conditions, conditions[name])
    end
  end
  app.status = status
  return app
end
