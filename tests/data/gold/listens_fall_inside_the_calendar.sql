-- Widen the vars `calendar_start` and `calendar_end` when this warns.
{{ config(severity='warn') }}

with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

)

select * from fct_listen_history
where date_key = -1 and listened_at is not null
