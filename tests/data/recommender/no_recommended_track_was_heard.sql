with

recommendations as (

    select * from {{ ref('recommendations') }}

),

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

)

select recommendations.*
from recommendations
left semi join fct_listen_history
    on
        recommendations.user_id = fct_listen_history.user_id
        and recommendations.track_id = fct_listen_history.track_id
